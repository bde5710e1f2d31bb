"""What granian's own child process serves; it dies with granian."""

import multiprocessing

from timbre.cli.lifeline import die_with
from timbre.config.wsgi import application as application

parent = multiprocessing.parent_process()
if parent is not None and parent.pid is not None:
    die_with(parent.pid)
