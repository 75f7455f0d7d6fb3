"""The MariaDB of the tests is a real one, and its users may do what they are meant to."""

from urllib.parse import urlsplit

import pymysql
import pytest


def test_the_owner_writes_and_the_reader_only_reads(mariadb, mariadb_url):
    owner, reader = _connected(mariadb_url), _connected(mariadb.reader_url(mariadb_url))
    with owner.cursor() as cursor:
        cursor.execute("CREATE TABLE cel (id int AUTO_INCREMENT PRIMARY KEY, cidname varchar(80))")
        cursor.execute("INSERT INTO cel (cidname) VALUES ('Регистратура')")

    with reader.cursor() as cursor:
        cursor.execute("SELECT cidname FROM cel")
        seen = cursor.fetchall()
        with pytest.raises(pymysql.OperationalError):
            cursor.execute("DELETE FROM cel")

    assert seen == (("Регистратура",),)
    owner.close()
    reader.close()


def _connected(url):
    parts = urlsplit(url)
    return pymysql.connect(
        host=parts.hostname, port=parts.port, user=parts.username, password=parts.password,
        database=parts.path[1:], autocommit=True, charset="utf8mb4",
    )  # fmt: skip
