# expect: {"status": "error", "stdout": {"text": "asked\n"}, "exception": {"type": "Own", "message": "words\nin two lines", "line": 13, "phase": "run"}}
# The message is what __str__ said the one time that the interpreter asked, without the notes.


class Own(Exception):
    def __str__(self):
        print("asked")
        return "words\nin two lines"


error = Own(1, 2)
error.add_note("a note\nin two lines")
raise error
