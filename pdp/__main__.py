"""`python -m pdp`: the same as `gatehold pdp`."""

from pdp.commands.serve import pdp

if __name__ == "__main__":
    pdp(prog_name="gatehold pdp", auto_envvar_prefix="GATEHOLD_PDP")
