"""A mail server on the loopback that keeps what it is given, or answers as it is told."""

import contextlib
import email
import email.policy
import socketserver
import threading


class _Talk(socketserver.StreamRequestHandler):
    """Just enough of SMTP for one letter after another."""

    def handle(self):
        self.say("220 mailbox")
        with contextlib.suppress(ConnectionError):
            for line in self.rfile:
                word = line.decode().strip().upper()
                self.server.heard.append(word)
                if not self.answer(word):
                    return

    def answer(self, word):
        code = next((c for start, c in self.server.refusals.items() if word.startswith(start)), None)
        if code is not None:
            self.say(f"{code} no")
        elif word.startswith("EHLO"):
            self.say("250-mailbox\r\n250 8BITMIME")
        elif word == "DATA":
            self.take()
        else:
            self.say("221 bye" if word == "QUIT" else "250 ok")
        return word != "QUIT"

    def take(self):
        self.say("354 go on")
        lines = []
        for line in self.rfile:
            if line == b".\r\n":
                break
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        letter = email.message_from_bytes(b"".join(lines), policy=email.policy.default)
        self.server.letters.append(letter)
        self.say("250 kept")

    def say(self, text):
        self.wfile.write(f"{text}\r\n".encode())


class Mailbox(socketserver.ThreadingTCPServer):
    """`letters` that came; `refusals` answer a word («RCPT») with a code instead."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Talk)
        self.letters, self.heard, self.refusals = [], [], {}

    @property
    def port(self):
        return self.server_address[1]


@contextlib.contextmanager
def opened():
    """A mailbox while it is needed."""
    with Mailbox() as box:
        thread = threading.Thread(target=box.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield box
        finally:
            box.shutdown()
            thread.join()
