"""The contract over a CSV file with paths, an inline picture and people without one."""

import base64

import pytest

from samepic.connectors.base import Surroundings
from samepic.connectors.conformance import ConnectorContract, drawn
from samepic.connectors.files import HrFileConnector, HrFileOptions
from samepic.model import Demand


class TestHrFile(ConnectorContract):
    claims = frozenset({"versioned"})

    @pytest.fixture
    async def connector(self, tmp_path):
        faces = tmp_path / "faces"
        faces.mkdir()
        photo = drawn("green", Demand(side=(48, 96)))
        (faces / "grace.jpg").write_bytes(photo.data)
        inline = base64.b64encode(photo.data).decode()
        rows = [
            "Employee;E-Mail;Name;Photo",
            "0001;ada@contoso.example;Ada;",
            "0002;grace@contoso.example;Grace;grace.jpg",
            f"0003;alan@contoso.example;Alan;{inline}",
            f'0004;kay@contoso.example;Kay;"data:image/jpeg;base64,{inline}"',
        ]
        (tmp_path / "people.csv").write_text("\n".join(rows), encoding="utf-8")
        options = HrFileOptions(path=tmp_path / "people.csv", pictures=faces, quiet=0)
        async with HrFileConnector("hr", options, Surroundings()) as connector:
            yield connector

    @pytest.fixture
    def someone(self):
        return "employee:0001"
