"""Plants the sample account: for each flaw a resource that has it, and a twin that has not.

Everything has a name, and `expect.yaml` says by name what each check has to say of it. Resources that
many checks have nothing against are called `sound`.
"""

import concurrent.futures
import time

from plant import (
    balancers,
    compute,
    containers,
    database,
    desktops,
    edge,
    function,
    guard,
    identity,
    keys,
    messages,
    network,
    storage,
    stores,
    watch,
)

HOME, SECOND, THIRD = "eu-west-1", "us-east-1", "ap-southeast-2"


def home():
    """The region that has nearly everything."""
    nets = network.plant(HOME)
    machines = compute.plant(HOME, nets)
    databases = database.plant(HOME, nets)
    watch.plant(HOME, nets, machines, databases)
    function.plant(HOME)
    containers.plant(HOME, nets)
    balancers.plant(HOME, nets)
    stores.plant(HOME, nets)
    desktops.plant(HOME, nets)


def services():
    """What needs no network of the account."""
    messages.plant(HOME)
    keys.plant(HOME)
    edge.plant(HOME)
    guard.plant(HOME)


def second():
    """A region with databases of its own, and safe defaults."""
    nets = network.plant_small(SECOND)
    compute.safe_defaults(SECOND)
    database.plant_second(SECOND, nets)
    compute.plant_small(SECOND, nets)


def third():
    """A region that somebody tried out once and forgot."""
    compute.plant_forgotten(THIRD)


def main():
    """Plants all of it; identity first, since machines carry roles."""
    began = time.monotonic()
    identity.plant()
    with concurrent.futures.ThreadPoolExecutor() as pool:
        jobs = [pool.submit(job) for job in (storage.plant, home, services, second, third)]
        for job in jobs:
            job.result()
    print(f"Planted the sample account in {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
