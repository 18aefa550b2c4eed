"""`python -m deputy.cli`: the same as the `deputy` command. Owns nothing else."""

from deputy.cli.main import app

if __name__ == "__main__":
    app(prog_name="deputy")
