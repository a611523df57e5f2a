"""The tables of gammu-smsd in both schemas and databases, and a daemon that is only SQL.

As far as the adapter can see them: names, types, defaults, and who writes which time how.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.peers_sms import GAMMU_PHONE

CODING = "'Default_No_Compression','Unicode_No_Compression','8bit'"
STATUS = (
    "'SendingOK','SendingOKNoReport','SendingError','DeliveryOK','DeliveryFailed',"
    "'DeliveryPending','DeliveryUnknown','Error','Reserved'"
)
# {id}: a number that counts up; {time}, {flag}: types; {now}: the default of times.
TABLES = {
    "gammu": '"Version" integer NOT NULL',
    "inbox": (
        '"ID" {id}, "UpdatedInDB" {time} NOT NULL DEFAULT {now}, '
        '"ReceivingDateTime" {time} NOT NULL DEFAULT {now}, "Text" text NOT NULL, '
        "\"SenderNumber\" varchar(20) NOT NULL DEFAULT '', "
        f'"Coding" varchar(255) NOT NULL CHECK ("Coding" IN ({CODING})), '
        '"UDH" text NOT NULL, "SMSCNumber" varchar(20) NOT NULL DEFAULT \'\', '
        '"Class" integer NOT NULL DEFAULT -1, "TextDecoded" text NOT NULL DEFAULT \'\', '
        '"RecipientID" text NOT NULL, "Processed" {flag} NOT NULL DEFAULT \'false\', '
        '"Status" integer NOT NULL DEFAULT -1'
    ),
    "outbox": (
        '"ID" {id}, "UpdatedInDB" {time} NOT NULL DEFAULT {now}, '
        '"InsertIntoDB" {time} NOT NULL DEFAULT {now}, '
        '"SendingDateTime" {time} NOT NULL DEFAULT {now}, '
        "\"SendBefore\" time NOT NULL DEFAULT '23:59:59', "
        "\"SendAfter\" time NOT NULL DEFAULT '00:00:00', "
        '"Text" text, "DestinationNumber" varchar(20) NOT NULL DEFAULT \'\', '
        f'"Coding" varchar(255) NOT NULL CHECK ("Coding" IN ({CODING})), '
        '"UDH" text, "Class" integer DEFAULT -1, "TextDecoded" text NOT NULL DEFAULT \'\', '
        '"MultiPart" {flag} NOT NULL DEFAULT \'false\', "RelativeValidity" integer DEFAULT -1, '
        '"SenderID" varchar(255), "SendingTimeOut" {time} NOT NULL DEFAULT {now}, '
        "\"DeliveryReport\" varchar(10) CHECK (\"DeliveryReport\" IN ('default','yes','no')), "
        '"CreatorID" text NOT NULL, "Retries" integer DEFAULT 0, "Priority" integer DEFAULT 0, '
        f'"Status" varchar(255) NOT NULL DEFAULT \'Reserved\' CHECK ("Status" IN ({STATUS})), '
        '"StatusCode" integer NOT NULL DEFAULT -1'
    ),
    "outbox_multipart": (
        '"ID" integer, "SequencePosition" integer NOT NULL DEFAULT 1, "Text" text, '
        f'"Coding" varchar(255) NOT NULL CHECK ("Coding" IN ({CODING})), "UDH" text, '
        '"Class" integer DEFAULT -1, "TextDecoded" text, '
        "\"Status\" varchar(255) NOT NULL DEFAULT 'Reserved', "
        '"StatusCode" integer NOT NULL DEFAULT -1, PRIMARY KEY ("ID", "SequencePosition")'
    ),
    "phones": (
        '"ID" text NOT NULL, "UpdatedInDB" {time} NOT NULL DEFAULT {now}, '
        '"InsertIntoDB" {time} NOT NULL DEFAULT {now}, "TimeOut" {time} NOT NULL DEFAULT {now}, '
        "\"Send\" {flag} NOT NULL DEFAULT 'no', \"Receive\" {flag} NOT NULL DEFAULT 'no', "
        '"IMEI" varchar(35) PRIMARY KEY NOT NULL, "IMSI" varchar(35) NOT NULL, '
        "\"NetCode\" varchar(10) DEFAULT 'ERROR', \"NetName\" varchar(35) DEFAULT 'ERROR', "
        '"Client" text NOT NULL, "Battery" integer NOT NULL DEFAULT -1, '
        '"Signal" integer NOT NULL DEFAULT -1, "Sent" integer NOT NULL DEFAULT 0, '
        '"Received" integer NOT NULL DEFAULT 0'
    ),
    "sentitems": (
        '"ID" integer, "SequencePosition" integer NOT NULL DEFAULT 1, '
        '"UpdatedInDB" {time} NOT NULL DEFAULT {now}, '
        '"InsertIntoDB" {time} NOT NULL DEFAULT {now}, '
        '"SendingDateTime" {time} NOT NULL DEFAULT {now}, "DeliveryDateTime" {time}, '
        '"Text" text NOT NULL, "DestinationNumber" varchar(20) NOT NULL DEFAULT \'\', '
        f'"Coding" varchar(255) NOT NULL CHECK ("Coding" IN ({CODING})), "UDH" text NOT NULL, '
        '"TextDecoded" text NOT NULL DEFAULT \'\', "SenderID" varchar(255) NOT NULL, '
        f'"Status" varchar(255) NOT NULL CHECK ("Status" IN ({STATUS})), '
        '"StatusError" integer NOT NULL DEFAULT -1, "TPMR" integer NOT NULL DEFAULT -1, '
        '"CreatorID" text NOT NULL, PRIMARY KEY ("ID", "SequencePosition")'
    ),
}
SINCE_18 = {
    "inbox": (
        ', "InsertIntoDB" {time} NOT NULL DEFAULT {now}, "MessageID" integer NOT NULL DEFAULT 0, '
        '"SequencePosition" integer NOT NULL DEFAULT 1, "PartCount" integer NOT NULL DEFAULT 1'
    ),
    "outbox": ', "SendDays" integer NOT NULL DEFAULT 127',
}
STAMPED = {"inbox": "ID", "outbox": "ID", "phones": "IMEI", "sentitems": "ID"}


def statements(dialect: str, version: int) -> list[str]:
    """What makes the tables, one statement each."""
    postgres = dialect == "postgresql"
    local = ", 'localtime'" if version >= 18 else ""
    now = "LOCALTIMESTAMP(0)" if postgres else f"(datetime('now'{local}))"
    words = {
        "id": "serial PRIMARY KEY" if postgres else "INTEGER PRIMARY KEY AUTOINCREMENT",
        "time": "timestamp(0) WITHOUT time zone" if postgres else "NUMERIC",
        "flag": "boolean" if postgres else "TEXT",
        "now": now,
    }
    made = []
    for name, columns in TABLES.items():
        more = SINCE_18.get(name, "") if version >= 18 else ""
        made.append(f"CREATE TABLE {name} ({(columns + more).format(**words)})")
    made.append(f'INSERT INTO gammu ("Version") VALUES ({version})')
    return made + (_stamps_of_postgres() if postgres else _stamps_of_sqlite(now))


def _stamps_of_sqlite(now: str) -> list[str]:
    return [
        f"CREATE TRIGGER stamp_{table} AFTER UPDATE ON {table} BEGIN UPDATE {table}"
        f' SET "UpdatedInDB" = {now} WHERE "{key}" = old."{key}"; END'
        for table, key in STAMPED.items()
    ]


def _stamps_of_postgres() -> list[str]:
    function = (
        "CREATE FUNCTION stamp() RETURNS trigger AS $$ BEGIN"
        ' NEW."UpdatedInDB" := LOCALTIMESTAMP(0); RETURN NEW; END $$ LANGUAGE plpgsql'
    )
    return [function] + [
        f"CREATE TRIGGER stamp BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE PROCEDURE stamp()"
        for table in STAMPED
    ]


@dataclass
class SqlDaemon:
    """Does to the tables what gammu-smsd does, when it is told to."""

    engine: AsyncEngine
    version: int
    phone: str = GAMMU_PHONE

    @property
    def postgres(self) -> bool:
        return self.engine.dialect.name == "postgresql"

    async def run(self, query: str, **values: Any) -> Sequence[Any]:
        async with self.engine.begin() as connection:
            done = await connection.execute(text(query), values)
            return done.all() if done.returns_rows else []

    async def make_tables(self) -> None:
        async with self.engine.begin() as connection:
            for statement in statements(self.engine.dialect.name, self.version):
                await connection.exec_driver_sql(statement)

    async def beat(self, **columns: Any) -> None:
        """A modem is there, and just wrote so."""
        await self.run('DELETE FROM phones WHERE "ID" = :phone', phone=self.phone)
        values = {
            "ID": self.phone,
            "IMEI": f"imei-{self.phone}",
            "IMSI": "1",
            "Client": "test",
            "Send": self._flag(True),
            "Receive": self._flag(True),
            "NetName": "Viettel",
            "Battery": 100,
            "Signal": 60,
        }
        await self._insert("phones", values | columns)

    async def silent_for(self, seconds: int) -> None:
        """Its last beat was so long ago."""
        await self._set_back("phones", "UpdatedInDB", seconds)

    async def waited(self, seconds: int, *, busy: bool = False) -> None:
        """What is in ``outbox`` came so long ago; ``busy``: the daemon works on it."""
        await self._set_back("outbox", "InsertIntoDB", seconds)
        when = self._local(60 if busy else -60)
        await self.run(f'UPDATE outbox SET "SendingTimeOut" = {when}')

    async def carry(self, *statuses: str) -> None:
        """Send the oldest message: its parts get ``statuses`` in turn."""
        (first,) = await self.run(
            'SELECT "ID", "CreatorID", "DestinationNumber", "Coding", "UDH", "TextDecoded"'
            ' FROM outbox ORDER BY "ID" LIMIT 1'
        )
        rest = await self.run(
            'SELECT "Coding", "UDH", "TextDecoded" FROM outbox_multipart WHERE "ID" = :id'
            ' ORDER BY "SequencePosition"',
            id=first.ID,
        )
        for position, row in enumerate((first, *rest), 1):
            if position > len(statuses):
                break
            await self._insert(
                "sentitems",
                {
                    "ID": first.ID,
                    "SequencePosition": position,
                    "Text": "",
                    "TextDecoded": row.TextDecoded,
                    "DestinationNumber": first.DestinationNumber,
                    "Coding": row.Coding,
                    "UDH": row.UDH or "",
                    "SenderID": self.phone,
                    "Status": statuses[position - 1],
                    "CreatorID": first.CreatorID,
                },
            )

    async def let_go(self) -> None:
        """Take the oldest message out of ``outbox``."""
        await self.run('DELETE FROM outbox WHERE "ID" = (SELECT min("ID") FROM outbox)')

    async def sent(self, *statuses: str) -> None:
        """As it goes: carried, then taken out."""
        await self.carry(*statuses)
        await self.let_go()

    async def reports(self, status: str, position: int = 1) -> None:
        """The network told of a part of the last message."""
        await self.run(
            'UPDATE sentitems SET "Status" = :status WHERE "SequencePosition" = :position'
            ' AND "ID" = (SELECT max("ID") FROM sentitems)',
            status=status,
            position=position,
        )

    async def receive(self, sender: str, words: str, header: str = "", **columns: Any) -> None:
        """An SMS came. The daemon's own joining in ``TextDecoded`` is left out."""
        values = {
            "SenderNumber": sender,
            "Text": words.encode("utf-16-be", "surrogatepass").hex().upper(),
            "TextDecoded": words.encode("utf-8", "ignore").decode(),
            "Coding": "Unicode_No_Compression",
            "UDH": header,
            "RecipientID": self.phone,
        }
        await self._insert("inbox", values | columns)

    def _flag(self, value: bool) -> Any:
        return value if self.postgres else ("yes" if value else "no")

    def _local(self, seconds: int) -> str:
        if self.postgres:
            return f"LOCALTIMESTAMP + interval '{seconds} seconds'"
        return f"datetime('now', 'localtime', '{seconds:+} seconds')"

    async def _insert(self, table: str, values: dict[str, Any]) -> None:
        names = ", ".join(f'"{name}"' for name in values)
        places = ", ".join(f":{name}" for name in values)
        await self.run(f"INSERT INTO {table} ({names}) VALUES ({places})", **values)

    async def _set_back(self, table: str, column: str, seconds: int) -> None:
        """As if it had been written earlier (past the trigger, which would stamp it)."""
        if self.postgres:
            await self.run(f"ALTER TABLE {table} DISABLE TRIGGER stamp")
            when = f"LOCALTIMESTAMP(0) - interval '{seconds} seconds'"
        else:
            await self.run(f"DROP TRIGGER stamp_{table}")
            local = "'localtime', " if self.version >= 18 else ""
            when = f"datetime('now', {local}'-{seconds} seconds')"
        await self.run(f'UPDATE {table} SET "{column}" = {when}')
