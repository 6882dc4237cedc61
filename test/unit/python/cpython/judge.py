"""Says of each text whether this Python parses it. Reads a JSON list of texts, writes a list of null or the message.

With the argument "list" it writes this Python's version and the files of its standard library instead.
"""

import ast
import json
import os
import sys
import sysconfig
import warnings


def verdict(text):
    """None for a text that parses, the message for one that does not, False where Python itself gave up."""
    try:
        ast.parse(text)
    except SyntaxError as error:
        return "{} (line {})".format(error.msg, error.lineno)
    except (MemoryError, RecursionError, ValueError, OverflowError):
        return False
    return None


def library():
    """Every file of the standard library, its own tests included."""
    root = sysconfig.get_path("stdlib")
    found = []
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if name not in ("site-packages", "__pycache__"))
        found.extend(os.path.join(folder, name) for name in sorted(names) if name.endswith(".py"))
    return {"version": list(sys.version_info[:2]), "files": found}


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    sys.stdin = open(0, encoding="utf-8", errors="surrogatepass")
    if sys.argv[1:] == ["list"]:
        print(json.dumps(library()))
    else:
        print(json.dumps([verdict(text) for text in json.load(sys.stdin)]))
