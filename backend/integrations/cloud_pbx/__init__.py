"""A cloud PBX: it tells of calls by webhooks and dials when it is asked by HTTP."""
