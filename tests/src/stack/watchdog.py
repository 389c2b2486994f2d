"""Runs MiniStack and ends together with whoever started it.

The parent holds the other end of our standard input and never writes. When it closes the pipe, or dies of whatever
cause, the read returns and the whole process group goes: MiniStack, and the functions that it runs as children.
"""

import os
import shutil
import signal
import sys
import threading


def end_group():
    # MiniStack's files, the unpacked functions among them; a program that runs keeps its file until it ends.
    shutil.rmtree(os.environ["TMPDIR"], ignore_errors=True)
    os.killpg(os.getpgrp(), signal.SIGKILL)


def end_with_parent(pipe):
    pipe.read()
    end_group()


def main():
    if os.getpgrp() != os.getpid():
        sys.exit("watchdog: must lead its own process group")
    threading.Thread(target=end_with_parent, args=(sys.stdin.buffer,), daemon=True).start()
    sys.argv = ["ministack"]
    from ministack.app import main as serve

    try:
        serve()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        end_group()


main()
