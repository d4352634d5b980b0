"""The site behind a proxy, which ends TLS, as docs/deployment/ says that it may stand there."""

import os
import re
import shutil
import ssl
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.live.scenery import Person
from tests.live.servers import CHECKOUT, Daphne, NotInstalled, free_port

NGINX_CONF = CHECKOUT / "docs/deployment/nginx.conf"
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


class Nginx(Daphne):
    """The project's nginx.conf before what listens on `port_behind`.

    Only addresses, ports and the certificate are other than in the file.
    """

    def __init__(
        self, directory: Path, port_behind: int, people: Mapping[str, Person] | None = None
    ) -> None:
        super().__init__(directory, {}, people or {})
        self.port_behind = port_behind
        self.plain_port = free_port()
        self.directory = directory / f"nginx-{self.port}"
        self.directory.mkdir()
        self._make_certificate()
        self.tls = ssl.create_default_context(cafile=self.directory / "fullchain.pem")

    def _make_certificate(self) -> None:
        key, certificate = self.directory / "privkey.pem", self.directory / "fullchain.pem"
        subprocess.run(
            [
                *(program("openssl"), "req", "-x509", "-nodes", "-days", "2"),
                *("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"),
                *("-subj", "/CN=chat", "-addext", "subjectAltName=IP:127.0.0.1"),
                *("-keyout", str(key), "-out", str(certificate)),
            ],
            capture_output=True,
            check=True,
        )

    def command(self) -> list[str]:
        file = self.directory / "nginx.conf"
        file.write_text(self._configuration())
        return [program("nginx"), "-p", str(self.directory), "-c", str(file), "-e", "stderr"]

    def _configuration(self) -> str:
        temporary = "\n".join(f"{name}_temp_path {self.directory}/{name};" for name in TEMPORARY)
        return f"""
            daemon off;
            master_process off;
            pid {self.directory}/pid;
            events {{ worker_connections 256; }}
            http {{
                access_log off;
                {temporary}
                {self._site()}
            }}
        """

    def _site(self) -> str:
        """Raises AssertionError if the file no longer has what stands for another here."""
        text = NGINX_CONF.read_text()
        for pattern, other in {
            r"listen \[::\]:\d+.*;": "",
            r"listen 443 ": f"listen 127.0.0.1:{self.port} ",
            r"listen 80;": f"listen 127.0.0.1:{self.plain_port};",
            r"chat\.example\.org;": "127.0.0.1;",
            r"/etc/letsencrypt/live/chat\.example\.org": str(self.directory),
            r"server 127\.0\.0\.1:8000;": f"server 127.0.0.1:{self.port_behind};",
        }.items():
            text, found = re.subn(pattern, other, text)
            assert found, f"{NGINX_CONF} has no {pattern}"
        return text

    def is_ready(self) -> bool:
        """Whatever stands behind it."""
        return self.health() is not None


def program(name: str) -> str:
    """Debian keeps some where only root looks."""
    found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")
    if found is None:
        raise NotInstalled(name)
    return found
