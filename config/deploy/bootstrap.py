"""From a bare Python to an installed project: the only module here that runs before anything is installed.

    python3 config/deploy/bootstrap.py production|development [COMMAND [ARGUMENT...]]

Makes ``.venv``, installs the locked requirements when they changed and becomes the command.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys

OLDEST = (3, 11)
PROJECT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
VENV = os.path.join(PROJECT, ".venv")
PYTHON = os.path.join(VENV, "bin", "python")
ENOUGH = {"production": ("production", "development"), "development": ("development",)}


def say(sentence):
    """Tell the person at the terminal what happens now."""
    print(sentence, flush=True)


def insist_on_python():
    """Go on under a Python that is new enough, or say in one sentence what is needed."""
    if sys.version_info >= OLDEST:
        return
    for minor in range(14, OLDEST[1] - 1, -1):
        newer = shutil.which("python3.%d" % minor)
        if newer:
            os.execv(newer, [newer, *sys.argv])
    sys.exit("Redress needs Python 3.11 or newer; this is Python %d.%d." % sys.version_info[:2])


def make_venv():
    """Make ``.venv`` with pip in it, unless it is there and works."""
    if os.path.exists(PYTHON):
        works = subprocess.call([PYTHON, "-m", "pip", "--version"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if works == 0:
            return
        say("The environment in .venv does not work any more; making it anew.")
        shutil.rmtree(VENV)
    say("Making a Python environment in .venv.")
    made = subprocess.run([sys.executable, "-m", "venv", VENV], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if made.returncode:
        shutil.rmtree(VENV, ignore_errors=True)
        sys.exit("This Python cannot make environments; install its venv module (Debian: apt install python3-venv).")


def install(kind):
    """Install the locked requirements unless the very same ones are installed."""
    for enough in ENOUGH[kind]:
        if read(stamp(enough)) == digest(enough):
            return
    say("Installing the locked requirements; the first time this takes a minute.")
    command = [PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--progress-bar", "off"]
    command += ["--require-hashes", "--requirement", requirements(kind)]
    words = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True) as pip:
        count = 0
        for line in pip.stdout:
            words.append(line)
            if line.startswith("Collecting "):
                count += 1
                show_progress("  %d packages so far: %s" % (count, line.split()[1].split("==")[0]), count)
    show_progress("", 0)
    if pip.returncode:
        sys.exit("".join(words[-15:]) + "The requirements could not be installed; the lines above are pip's.")
    with open(stamp(kind), "w") as file:
        file.write(digest(kind))


def show_progress(words, count):
    """Write over one line of a terminal; elsewhere say something every twenty packages."""
    if sys.stdout.isatty():
        sys.stdout.write("\r\033[K" + words)
        sys.stdout.flush()
    elif words and count % 20 == 0:
        say(words)


def requirements(kind):
    """Return the path of the lock file."""
    return os.path.join(PROJECT, "config", "requirements", kind + ".txt")


def stamp(kind):
    """Return the path of the file that says what is installed."""
    return os.path.join(VENV, "installed-" + kind)


def digest(kind):
    """Return what the lock file hashes to."""
    with open(requirements(kind), "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def read(path):
    """Return the text of a file, or nothing."""
    if not os.path.exists(path):
        return ""
    with open(path) as file:
        return file.read()


def main(kind, command):
    """Install, then become the command under the environment's Python."""
    insist_on_python()
    # Two terminals that start at once install one after the other.
    with open(requirements(kind)) as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        make_venv()
        install(kind)
    if command:
        os.chdir(PROJECT)
        os.execv(PYTHON, [PYTHON, *command])


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
