"""A package with call hooks, installed as pip would install it: a module and its entry points."""

import sys
from importlib import invalidate_caches

SOURCE = '''
import os
import sys
import time

ASKED = []


def generous(call, facts):
    """Everything that may be said."""
    return {
        "responsible": 7, "pipeline": 8, "stage": 9, "number": "8 (999) 000-11-22", "task": "Позвонить самим",
        "recordings": [f"{call['trunk']}.wav"],
    }


def silent(call, facts):
    return None


def slow(call, facts):
    time.sleep(30)


def broken(call, facts):
    raise KeyError("нет такого")


def misspelt(call, facts):
    return {"responsable": 7}


def wrong(call, facts):
    return {"responsible": "Анна"}


def odd(call, facts):
    return object()


def dies(call, facts):
    os._exit(3)


def talkative(call, facts):
    print("много слов" * 1000)
    return {"skip": True}


def nosy(call, facts):
    found = sorted(name for name in os.environ if "SECRET" in name or "URL" in name)
    return {"task": " ".join(found) or "ничего"}


def greedy(call, facts):
    return {"task": str(len(bytearray(4 << 30)))}


def writes(call, facts):
    with open("/tmp/mostik-hook-was-here", "w") as file:
        file.write("x")


def renames(call, facts):
    """A prefix of the PBX before the number."""
    return {"number": call["client"][2:]} if call["client"].startswith("91") else None


def counts(call, facts):
    ASKED.append(1)
    return {"task": str(len(ASKED))}
'''
NAMES = (
    "generous", "silent", "slow", "broken", "misspelt", "wrong", "odd", "dies", "talkative", "nosy", "greedy",
    "writes", "counts", "renames",
)  # fmt: skip


def install(folder, monkeypatch, source=SOURCE, names=NAMES, module="added_hooks"):
    """Puts the package on the way of this process and of the hooks' children."""
    (folder / f"{module}.py").write_text(source, encoding="utf-8")
    info = folder / f"{module}-1.2.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.2\n", encoding="utf-8")
    points = "".join(f"{name} = {module}:{name}\n" for name in names)
    missing = "gone = no_such_module:gone\n" if source is SOURCE else ""
    text = f"[mostik.call_hooks]\n{points}{missing}"
    (info / "entry_points.txt").write_text(text, encoding="utf-8")
    monkeypatch.setattr(sys, "path", [str(folder), *sys.path])
    invalidate_caches()
