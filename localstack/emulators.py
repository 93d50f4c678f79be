"""Starts LocalStack and moto, plants an account, runs a command against them, and stops them.

Called by `serve`, which finds the Python to run this with (standard library only). What goes where:

- LocalStack answers for S3, S3 Control, CloudWatch and its logs, Lambda, SNS, SQS, EventBridge, Step
  Functions, KMS, Secrets Manager, ACM, SSM, Route 53, API Gateway (REST), CloudFormation, tags, Support and
  STS.
- moto answers for what LocalStack's free edition lacks: `MOTO_SERVICES` below. Also for EC2 and IAM, which it
  has: databases and load balancers stand in subnets and security groups, and instances carry IAM roles, so
  these have to live in one place. CloudWatch stays with LocalStack, since moto does not speak the protocol
  that the Rust SDK uses for it; metrics are found there whatever emulator their resource lives in.

Both take themselves for account 123456789012: moto always, LocalStack from the access key.
"""

import argparse
import concurrent.futures
import contextlib
import fcntl
import glob
import hashlib
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import venv

HERE = pathlib.Path(__file__).resolve().parent
ACCOUNT = "123456789012"
MOTO_SERVICES = (
    "ACCOUNT",
    "APIGATEWAYV2",
    "APPLICATION_AUTO_SCALING",
    "AUTO_SCALING",
    "BACKUP",
    "BUDGETS",
    "CLOUDFRONT",
    "CLOUDTRAIL",
    "CONFIG_SERVICE",
    "COST_EXPLORER",
    "DIRECTORY_SERVICE",
    "DYNAMODB",
    "EC2",
    "ECR",
    "ECS",
    "EFS",
    "EKS",
    "ELASTICACHE",
    "ELASTIC_LOAD_BALANCING",
    "ELASTIC_LOAD_BALANCING_V2",
    "GUARDDUTY",
    "IAM",
    "INSPECTOR2",
    "KINESIS",
    "MACIE2",
    "OPENSEARCH",
    "ORGANIZATIONS",
    "RDS",
    "REDSHIFT",
    "SECURITYHUB",
    "SERVICE_QUOTAS",
    "WAFV2",
    "WORKSPACES",
)
START_SECONDS = 120
"""How long an emulator may take to start; ten seconds are usual."""
END_SECONDS = 30
"""How long the command may take to end once it is told to."""


class Failure(Exception):
    """Something the user can do something about; the message says what."""


def cache():
    """The folder that outlives a run: the virtual environments."""
    home = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    return pathlib.Path(os.environ.get("SIXPILLARS_CACHE") or pathlib.Path(home) / "sixpillars")


def environment(name):
    """The Python of the virtual environment for requirements-NAME.txt, made when there is none.

    Its folder carries a hash of the requirements and the Python version, so a change of either
    makes a new one, and nothing has to be brought up to date.
    """
    requirements = HERE / f"requirements-{name}.txt"
    key = hashlib.sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()[:12]
    folder = cache() / f"venv-{name}-{key}"
    python, complete = folder / "bin" / "python", folder / "complete"
    if complete.exists():
        return python
    cache().mkdir(parents=True, exist_ok=True)
    with open(f"{folder}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not complete.exists():
            print(f"Installing {name} into {folder} (once, about a minute)", file=sys.stderr)
            shutil.rmtree(folder, ignore_errors=True)
            venv.create(folder, with_pip=True)
            install(python, requirements, pathlib.Path(f"{folder}.log"))
            complete.touch()
    return python


def environments():
    """The Pythons of both, made at the same time where they are missing."""
    with concurrent.futures.ThreadPoolExecutor() as pool:
        return list(pool.map(environment, ("localstack", "moto")))


def install(python, requirements, log):
    """Installs exactly the pinned packages: the file lists all of them, so none is resolved."""
    command = [python, "-m", "pip", "install", "--no-deps", "--retries", "2"]
    command += ["--disable-pip-version-check", "--progress-bar", "off", "-r", requirements]
    with open(log, "w") as output:
        done = subprocess.run(command, stdout=output, stderr=subprocess.STDOUT, check=False)
    if done.returncode:
        errors = [line for line in log.read_text().splitlines() if line.startswith("ERROR")]
        raise Failure(
            f"pip could not install {requirements.name}: {(errors or ['no message'])[0]}\n"
            "It needs the network (or a package index in pip's configuration) the first time only. "
            f"All of its output: {log}"
        )


def port(variable, default):
    """The port a variable asks for, checked to be free. 0 means any."""
    text = os.environ.get(variable) or str(default)
    if not text.isdigit() or int(text) > 65535:
        raise Failure(f"{variable} is {text!r}, which is no port; give a number, or 0 for any")
    number = int(text)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", number))
        except OSError as error:
            raise Failure(
                f"port {number} cannot be used ({error.strerror}{holder(number)}); "
                f"stop what uses it, or choose another with {variable} (0 takes any free port)"
            ) from error
        return probe.getsockname()[1]


def holder(number):
    """Who listens on a port, where Linux tells."""
    with contextlib.suppress(OSError, StopIteration):
        rows = [line.split() for line in open("/proc/net/tcp")][1:]
        inode = next(r[9] for r in rows if r[1].endswith(f":{number:04X}") and r[3] == "0A")
        for link in glob.iglob("/proc/[0-9]*/fd/*"):
            with contextlib.suppress(OSError):
                if os.readlink(link) == f"socket:[{inode}]":
                    process = link.split("/")[2]
                    name = pathlib.Path(f"/proc/{process}/comm").read_text().strip()
                    return f": {name}, process {process}, has it"
    return ""


class Server:
    """One emulator as a child process."""

    def __init__(self, name, command, settings, url, folder):
        self.name = name
        self.url = url
        self.log = folder / f"{name}.log"
        with open(self.log, "w") as output:
            # A session of its own: Ctrl-C reaches the command first, and the emulators are stopped
            # after it.
            self.process = subprocess.Popen(
                [str(word) for word in command],
                env={**os.environ, **settings},
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait(self):
        """Returns once it answers."""
        deadline = time.monotonic() + START_SECONDS
        while not self.answers():
            if self.process.poll() is not None:
                raise Failure(f"{self.name} stopped at once, with {self.tail()}")
            if time.monotonic() > deadline:
                raise Failure(f"{self.name} did not start in {START_SECONDS} s: {self.tail()}")
            time.sleep(0.1)

    def answers(self):
        """Whether it serves requests."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            opener.open(self.url, timeout=2).close()
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False
        return True

    def tail(self):
        """The end of its log, kept where it outlives this run."""
        kept = cache() / f"{self.name}.log"
        shutil.copyfile(self.log, kept)
        lines = self.log.read_text(errors="replace").strip().splitlines()[-5:]
        return "\n  ".join([f"this at the end of its log ({kept}):", *lines])

    def stop(self):
        """Stops it and what it started. LocalStack ignores gentler signals."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def variables(localstack, moto):
    """What makes an AWS SDK talk to the emulators, and to nothing else."""
    # The account id precedes the host in S3 Control's addresses, so the host has to be a name; AWS
    # SDKs resolve everything under localhost to loopback themselves.
    here = ",".join(filter(None, [os.environ.get("NO_PROXY"), "localhost,.localhost,127.0.0.1"]))
    return {
        "AWS_ENDPOINT_URL": f"http://localhost:{localstack}",
        **{f"AWS_ENDPOINT_URL_{name}": f"http://localhost:{moto}" for name in MOTO_SERVICES},
        "AWS_ACCESS_KEY_ID": ACCOUNT,
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_SESSION_TOKEN": "",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "AWS_PROFILE": "",
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": here,
        "no_proxy": here,
    }


def settings_file(path, values):
    """Writes the variables for a POSIX shell; an empty one is unset."""
    lines = [f"export {k}='{v}'" if v else f"unset {k}" for k, v in values.items()]
    path.write_text("\n".join(lines) + "\n")


def free_ports():
    """The ports of LocalStack and moto, both checked to be free. What is wrong with either is said at
    once."""
    ports, problems = [], []
    for variable, default in (("SIXPILLARS_LOCALSTACK_PORT", 4566), ("SIXPILLARS_MOTO_PORT", 4567)):
        try:
            ports.append(port(variable, default))
        except Failure as failure:
            problems.append(str(failure))
    if problems:
        raise Failure("\n".join(problems))
    if ports[0] == ports[1]:
        raise Failure("SIXPILLARS_LOCALSTACK_PORT and SIXPILLARS_MOTO_PORT name the same port")
    return ports


def start(folder, servers):
    """Starts both emulators; each is in `servers` before anything can fail."""
    ports = free_ports()
    listen = os.environ.get("SIXPILLARS_LISTEN", "127.0.0.1")
    pythons = environments()
    servers.append(
        Server(
            "localstack",
            [pythons[0], HERE / "localstack_server.py"],
            {
                "GATEWAY_LISTEN": f"{listen}:{ports[0]}",
                "DISABLE_EVENTS": "1",
                "SKIP_SSL_CERT_DOWNLOAD": "1",
                "DNS_ADDRESS": "0",
                "LS_LOG": "warn",
                "FILESYSTEM_ROOT": str(folder / "localstack"),
                "HOME": str(folder),
            },
            f"http://127.0.0.1:{ports[0]}/_localstack/health",
            folder,
        )
    )
    servers.append(
        Server(
            "moto",
            [pythons[1], HERE / "moto_server.py", listen, ports[1]],
            {
                "MOTO_IAM_LOAD_MANAGED_POLICIES": "true",
                "MOTO_EC2_LOAD_DEFAULT_AMIS": "false",
                "HOME": str(folder),
            },
            f"http://127.0.0.1:{ports[1]}/moto-api/",
            folder,
        )
    )
    for server in servers:
        server.wait()
    return variables(*ports), pythons[1]


def to_its_end(command, values):
    """Runs the command and returns its exit code.

    Ctrl-C reaches it as well, so it may end in its own way: a scan writes what it has, the service pauses
    what it does. Whoever presses it a third time does not want to wait.
    """
    try:
        process = subprocess.Popen(command, env=values)
    except OSError as error:
        raise Failure(f"{command[0]}: {error.strerror}") from error
    presses = 0
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            presses += 1
            if presses == 3:
                process.kill()
        except SystemExit:
            # This process alone was told to end.
            process.terminate()
            try:
                process.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            raise


def run(arguments):
    """The whole life of the emulators. Returns the exit code of the command."""
    servers = []
    folder = pathlib.Path(tempfile.mkdtemp(prefix="sixpillars-"))
    try:
        values, python = start(folder, servers)
        path = arguments.env_file or folder / "env"
        settings_file(path, values)
        ours = {"SIXPILLARS_EMULATORS": str(path), "SIXPILLARS_BOTOCORE": str(python)}
        values = {**os.environ, **values, **ours}
        values = {k: v for k, v in values.items() if v}
        if arguments.seed:
            seeded = subprocess.run([python, arguments.seed], env=values, check=False)
            if seeded.returncode:
                raise Failure(f"planting the account failed: {' '.join(map(str, seeded.args))}")
        return to_its_end(arguments.command, values)
    finally:
        for server in servers:
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def interrupted(number, _frame):
    """Ends like Ctrl-C, so that the emulators are stopped."""
    raise SystemExit(128 + number)


def main():
    """Reads the arguments; one line for what the user can mend, a trace for our own faults."""
    parser = argparse.ArgumentParser(prog="localstack/serve", description=__doc__.splitlines()[0])
    parser.add_argument("--install", action="store_true", help="only install the emulators")
    parser.add_argument("--seed", type=pathlib.Path, help="a Python file that plants an account")
    parser.add_argument("--env-file", type=pathlib.Path, help="where to write the variables")
    parser.add_argument("command", nargs="*", help="what to run, after --")
    arguments = parser.parse_args()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupted)
    try:
        if arguments.install:
            # Also what would only come up later: a long build may stand between.
            free_ports()
            environments()
            return 0
        if not arguments.command:
            parser.error("which command? Give one after --")
        return run(arguments)
    except Failure as failure:
        print(f"localstack/serve: {failure}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
