"""From a bare Python to an installed project: the only module here that runs before anything is installed.

    python3 config/deploy/bootstrap.py production|development [ARGUMENT...]

Makes ``.venv``, installs the locked requirements when they changed and becomes ``.venv/bin/python ARGUMENT...``. Even
an old Python must be able to read this file, or it could not say that it is old.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

OLDEST = (3, 11)
NEWEST_KNOWN = 14
PROJECT = Path(__file__).resolve().parent.parent.parent
VENV = PROJECT / ".venv"
PYTHON = VENV / "bin" / "python"
# Either lock file that satisfies a wish: development brings everything production needs.
ENOUGH = {"production": ("production", "development"), "development": ("development",)}
WORDS_SHOWN_EVERY = 20


def say(sentence: str) -> None:
    """Tell the person at the terminal what happens now."""
    print(sentence, flush=True)


def insist_on_python() -> None:
    """Go on under a Python that is new enough, or say in one sentence what is needed."""
    if sys.version_info >= OLDEST:
        return
    for minor in range(NEWEST_KNOWN, OLDEST[1] - 1, -1):
        newer = shutil.which(f"python3.{minor}")
        if newer:
            os.execv(newer, [newer, *sys.argv])  # noqa: S606 - no shell is wanted
    sys.exit(f"Redress needs Python 3.11 or newer; this is Python {sys.version_info[0]}.{sys.version_info[1]}.")


def make_venv() -> None:
    """Make ``.venv`` with pip in it, unless it is there and works."""
    if VENV.exists():
        if (
            PYTHON.exists()
            and not subprocess.run([PYTHON, "-m", "pip", "-V"], capture_output=True, check=False).returncode
        ):
            return
        say("The environment in .venv does not work any more; making it anew.")
        shutil.rmtree(VENV)
    say("Making a Python environment in .venv.")
    if subprocess.run([sys.executable, "-m", "venv", VENV], capture_output=True, check=False).returncode:
        shutil.rmtree(VENV, ignore_errors=True)
        sys.exit("This Python cannot make environments; install its venv module (Debian: apt install python3-venv).")


def install(kind: str) -> None:
    """Install the locked requirements unless the very same ones are installed."""
    if any(stamp(enough).exists() and stamp(enough).read_text() == digest(enough) for enough in ENOUGH[kind]):
        return
    say("Installing the locked requirements; the first time this takes a minute.")
    command = [
        str(PYTHON),
        "-m",
        "pip",
        "install",
        "--disable-pip-version-check",
        "--no-input",
        "--progress-bar",
        "off",
    ]
    command += ["--require-hashes", "--requirement", str(lock_file(kind))]
    words: list[str] = []
    count = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as pip:
        for line in pip.stdout or ():
            words.append(line)
            if line.startswith("Collecting "):
                count += 1
                show_progress(f"  {count} packages so far: {line.split()[1].split('==')[0]}", count)
    show_progress("", 0)
    if pip.returncode:
        sys.exit("".join(words[-15:]) + "The requirements could not be installed; the lines above are pip's.")
    for other in ENOUGH["production"]:
        stamp(other).unlink(missing_ok=True)
    stamp(kind).write_text(digest(kind))


def show_progress(words: str, count: int) -> None:
    """Write over one line of a terminal; elsewhere say something now and then."""
    if sys.stdout.isatty():
        sys.stdout.write("\r\033[K" + words)
        sys.stdout.flush()
    elif words and count % WORDS_SHOWN_EVERY == 0:
        say(words)


def lock_file(kind: str) -> Path:
    """Return the lock file of this kind of installation."""
    return PROJECT / "config" / "requirements" / f"{kind}.txt"


def stamp(kind: str) -> Path:
    """Return the file that says what is installed."""
    return VENV / f"installed-{kind}"


def digest(kind: str) -> str:
    """Return what the lock file hashes to."""
    return hashlib.sha256(lock_file(kind).read_bytes()).hexdigest()


def main(kind: str, arguments: list[str]) -> None:
    """Install, then go on under the environment's Python."""
    insist_on_python()
    # Two terminals that start at once install one after the other.
    with lock_file(kind).open() as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        make_venv()
        install(kind)
    if arguments:
        os.chdir(PROJECT)
        os.execv(PYTHON, [str(PYTHON), *arguments])  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    try:
        main(sys.argv[1], sys.argv[2:])
    except KeyboardInterrupt:
        sys.exit("\nInterrupted; the next start goes on from here.")
