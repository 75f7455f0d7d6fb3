import shutil
from pathlib import Path

import pytest


@pytest.fixture
def project(tmp_path):
    """A copy of the widget that a test may break."""
    shutil.copytree(Path.cwd() / "widget", tmp_path / "widget")
    shutil.copy(Path.cwd() / "manifest.json", tmp_path)
    return tmp_path
