"""GET8 as far as a stranger can know it: another company's integration of YCLIENTS with amoCRM.

It has its own OAuth client, its own address in the salons' webhook lists, its own fields, tags and habits. It
speaks to both emulators over HTTP as anybody would and knows nothing of whoever else works in the account.
"""
