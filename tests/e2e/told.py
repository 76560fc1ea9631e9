#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""told.py SOCKET FILE: what a service tells systemd there, a line each, as it comes; until it is ended."""
import os
import socket
import sys

with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s, open(sys.argv[2], "w", encoding="utf-8") as f:
    s.bind(sys.argv[1] + ".new")
    os.rename(sys.argv[1] + ".new", sys.argv[1])
    while True:
        print(s.recv(4096).decode(), file=f, flush=True)
