"""The stand of calls and the folder of its recordings, as fixtures that a test file names."""

import pytest

from tests.support.recordings import Shelf


@pytest.fixture
def stand(calls):
    return calls


@pytest.fixture
def shelf(stand, tmp_path):
    return Shelf(stand, tmp_path)
