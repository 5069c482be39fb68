"""python -m lrev"""

from lrev.cli.app import main

main()
