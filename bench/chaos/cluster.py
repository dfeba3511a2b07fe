"""A whole cluster as processes on this machine, any of which can be killed and comes back."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
MODELS = ROOT / "models"
MODEL = "winnow-target-q8_0"
SQL = ROOT / "helm" / "sql" / "postgresql.sql"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Database:
    """A PostgreSQL of our own in a temporary folder; it refuses to run as root, so root starts it as user postgres."""

    def __init__(self, folder: Path) -> None:
        # Debian keeps the server's tools out of the path.
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin")) or [Path(tool).parent for tool in [shutil.which("initdb")] if tool]
        if not found:
            raise SystemExit("PostgreSQL is not installed; 'apt-get install postgresql' installs it.")
        self.bin = found[-1]
        self.port = free_port()
        self.data = folder / "database"
        self.data.mkdir()
        self.user = pwd.getpwnam("postgres") if os.getuid() == 0 else None
        if self.user:
            folder.chmod(0o755)
            os.chown(self.data, self.user.pw_uid, self.user.pw_gid)
        self.run("initdb", "-D", self.data, "-A", "trust", "-U", "winnow", "--no-sync")
        self.run("pg_ctl", "-D", self.data, "-w", "-l", self.data / "log", "-o", f"-p {self.port} -k {self.data} -c listen_addresses=127.0.0.1 -c max_connections=300", "start")
        psql = [str(self.bin / "psql"), "-h", "127.0.0.1", "-p", str(self.port), "-U", "winnow", "-q", "-v", "ON_ERROR_STOP=1"]
        subprocess.run([*psql, "postgres", "-c", "CREATE DATABASE winnow"], check=True)
        subprocess.run([*psql, "winnow", "-f", str(SQL)], check=True)

    def run(self, tool: str, *args: object) -> None:
        user = {"user": self.user.pw_uid, "group": self.user.pw_gid} if self.user else {}
        subprocess.run([str(self.bin / tool), *map(str, args)], check=True, stdout=subprocess.DEVNULL, cwd="/", **user)

    def stop(self) -> None:
        self.run("pg_ctl", "-D", self.data, "-m", "immediate", "stop")

    @property
    def connection(self) -> str:
        return f"Host=127.0.0.1;Port={self.port};Username=winnow;Database=winnow;Maximum Pool Size=50"


@dataclass
class Member:
    """One process of the cluster."""

    role: str
    name: str
    project: str
    args: list[str]
    http: str = ""
    process: subprocess.Popen | None = None
    kills: int = 0
    started: float = 0
    samples: list[tuple[float, int, int, int]] = field(default_factory=list)

    @property
    def is_up(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def sample(self, now: float) -> None:
        """Resident bytes, file handles and threads, as Linux tells them."""
        if not self.is_up:
            return
        try:
            status = Path(f"/proc/{self.process.pid}/status").read_text()
            pick = {line.split(":")[0]: line.split(":")[1].split()[0] for line in status.splitlines() if line.startswith(("VmRSS", "Threads"))}
            handles = len(os.listdir(f"/proc/{self.process.pid}/fd"))
            self.samples.append((now, int(pick["VmRSS"]) * 1024, handles, int(pick["Threads"])))
        except (OSError, KeyError):
            pass


@dataclass
class Shape:
    """What the cluster is made of."""

    edition: str
    shards: int
    spares: int
    drafts: int
    silos: int
    gateways: int
    configuration: str = "release"
    extra: dict[str, list[str]] = field(default_factory=dict)


class Cluster:
    """Starts, kills and restarts its members; everything ends with it."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.folder = Path(tempfile.mkdtemp(prefix="winnow-chaos-"))
        self.database = Database(self.folder) if shape.edition == "full" else None
        self.members: list[Member] = []
        self.lock = threading.Lock()
        silo_ports = [(free_port(), free_port(), free_port()) for _ in range(shape.silos)]
        self._add_silos(silo_ports)
        self._add_workers(silo_ports)
        self._add_gateways(silo_ports)

    def _add_silos(self, ports: list[tuple[int, int, int]]) -> None:
        for index, (grpc, between, gateways) in enumerate(ports):
            args = [
                f"--listen=http://127.0.0.1:{grpc}", f"--orleans-port={between}", f"--orleans-gateway-port={gateways}",
                f"--data={self.folder / f'silo{index}'}", f"--model-name={MODEL}", f"--model={MODELS / f'{MODEL}.gguf'}",
                f"--shards={self.shape.shards}", "--Silo:Models:0:MaxSequences=64",
            ]
            if self.shape.drafts:
                args.append(f"--draft={MODELS / 'winnow-draft-q8_0.gguf'}")
            if self.database:
                args += ["--Silo:Clustering=postgresql", "--Silo:Storage=postgresql", f"--Silo:ConnectionString={self.database.connection}"]
            self._add("silo", f"silo{index}", "Silo", args)

    def _add_workers(self, silos: list[tuple[int, int, int]]) -> None:
        names = [("worker", f"worker{i}", "target") for i in range(self.shape.shards + self.shape.spares)]
        names += [("draft", f"draft{i}", "draft") for i in range(self.shape.drafts)]
        for role, name, serves in names:
            addresses = [f"--Worker:SiloAddresses:{i}=http://127.0.0.1:{grpc}" for i, (grpc, _, _) in enumerate(silos)]
            self._add(role, name, "GpuWorker", [f"--id={name}", f"--role={serves}", "--threads=1", "--device=cpu", *addresses])

    def _add_gateways(self, silos: list[tuple[int, int, int]]) -> None:
        for index in range(self.shape.gateways):
            port = free_port()
            args = [f"--listen=http://127.0.0.1:{port}", "--Coordinator:MaxSequences=64", "--Coordinator:MaxQueue=1024"]
            if self.shape.gateways > 1:
                args.append(f"--Gateway:GrpcListen=http://127.0.0.1:{free_port()}")
            if self.database:
                args += ["--Gateway:Clustering=postgresql", f"--Gateway:ConnectionString={self.database.connection}"]
            else:
                args += [f"--Gateway:SiloGateways:{i}=127.0.0.1:{gateways}" for i, (_, _, gateways) in enumerate(silos)]
            self._add("gateway", f"gateway{index}", "Gateway", args, http=f"http://127.0.0.1:{port}")

    def _add(self, role: str, name: str, project: str, args: list[str], http: str = "") -> None:
        http_args = [] if role == "gateway" else ["--http-listen=http://127.0.0.1:0"]
        everything = [*args, *http_args, *self.shape.extra.get(role, []), f"--parent-pid={os.getpid()}", "--Logging:LogLevel:Orleans=Error", "--Logging:Console:FormatterOptions:TimestampFormat=HH:mm:ss.fff "]
        self.members.append(Member(role, name, project, everything, http))

    @property
    def gateways(self) -> list[str]:
        return [member.http for member in self.members if member.role == "gateway"]

    def start(self, member: Member) -> None:
        folder = ROOT / "artifacts" / self.shape.edition / "bin" / member.project / self.shape.configuration
        program = folder / f"Winnow.{member.project}.dll"
        if not program.exists():
            raise SystemExit(f"'{program}' is not there; build src/{member.project} with -c Release{' -p:Lite=false' if self.shape.edition == 'full' else ''}.")
        log = open(self.folder / f"{member.name}.log", "ab")
        member.process = subprocess.Popen(["dotnet", str(program), *member.args], stdout=subprocess.DEVNULL, stderr=log, stdin=subprocess.DEVNULL)
        member.started = time.monotonic()
        log.close()

    def start_all(self) -> None:
        for role in ("silo", "worker", "draft", "gateway"):
            for member in self.members:
                if member.role == role:
                    self.start(member)

    def kill(self, member: Member) -> None:
        """Ends a process at once, as a power cut would."""
        if member.is_up:
            member.process.send_signal(signal.SIGKILL)
            member.process.wait()
            member.kills += 1

    def log_tail(self, member: Member, lines: int = 15) -> str:
        path = self.folder / f"{member.name}.log"
        return "\n".join(path.read_text(errors="replace").splitlines()[-lines:]) if path.exists() else ""

    def stop(self, keep: bool) -> None:
        for member in self.members:
            if member.is_up:
                member.process.kill()
                member.process.wait()
        if self.database:
            self.database.stop()
        if keep:
            print(f"logs: {self.folder}")
        else:
            shutil.rmtree(self.folder, ignore_errors=True)
