"""A cloud PBX that tells of calls by HTTP and dials by HTTP."""
