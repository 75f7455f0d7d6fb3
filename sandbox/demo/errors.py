"""The one way in which the demo gives up."""


class DemoError(Exception):
    """The message is one line for the person who started the demo."""
