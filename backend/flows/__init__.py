"""What happens when something happened: gather facts, let the core decide, carry the decision out, note the
result.
"""
