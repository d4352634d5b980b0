#!/usr/bin/env python
"""Django's command line for this project."""

import sys

from django.core.management import execute_from_command_line

from chatsite import start


def main() -> None:
    start.read_settings()
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
