"""The amoCRM emulator: OAuth, REST API v4, account webhooks and its control verbs; no widget pages, no chats."""
