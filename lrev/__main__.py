"""python -m lrev"""

from __future__ import annotations

from lrev.cli.app import main

main()
