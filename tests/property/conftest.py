"""Stands for generated histories."""

import pytest

from tests.property.histories import Stage


@pytest.fixture
def stage(tmp_path, redis_url):
    """Opens a network in which nothing has happened yet, as often as asked."""
    return Stage(tmp_path, redis_url)
