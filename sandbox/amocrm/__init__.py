"""The amoCRM emulator: OAuth, REST API v4, webhooks and control verbs; no widget pages, no chats."""
