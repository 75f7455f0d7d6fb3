"""The baseline of ingest: what Flask and gunicorn cost when the route does nothing."""

from flask import Flask

app = Flask("empty")


@app.post("/")
def nothing() -> str:
    return "ok"
