"""`python -m zicht` is the `zicht` command."""

from zicht.cli import main

if __name__ == "__main__":
    main()
