"""One application serves many stands, one after another: its routes and templates are compiled once in a
process, which is a third of what a small test takes.
"""

from backend.app import create_app

_free = []


def take(ctx):
    """An application that works with this context; nobody else has it until it is given back."""
    app = _free.pop() if _free else create_app(ctx)
    app.extensions["mostik"] = ctx
    app.testing = False
    return app


def give_back(app):
    _free.append(app)
