"""Quality sampling: decisions drawn by a seed, and a second look by somebody who does not know the first answer."""
