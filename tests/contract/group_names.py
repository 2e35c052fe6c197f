"""What holds of groups' names in any directory: ours is a subclass with the names of its own people."""

from __future__ import annotations

from typing import ClassVar

import pytest

from samepic.errors import Refused


class GroupNames:
    """Needs the fixtures `opened`, `gathered` and `refs`."""

    system: ClassVar[str]
    suffix: ClassVar[str]
    people: ClassVar[str]
    """Where people are, as a DN."""

    ada: ClassVar[str]
    grace: ClassVar[str]

    @pytest.mark.parametrize("name", ['Käfer (Köln), "A" * \\ B+', "#hash; <tag>", "a=b", "uid=ada"])
    async def test_any_name_and_its_dn_find_the_group(self, opened, gathered, refs, name):
        dn = gathered(name, member=[self.ada])
        gathered("around", member=[dn, self.grace])
        connector = await opened()
        for spelled in (name, name.upper(), dn, dn.upper(), dn.replace(f",{self.suffix}", f" , {self.suffix}")):
            assert await connector.members(spelled) == refs(self.ada)
        assert await connector.members("around") == refs(self.ada, self.grace)

    async def test_of_several_of_one_name_none_is_guessed(self, opened, gathered, refs):
        one = gathered("twice", member=[self.ada])
        other = gathered("Twice", place=self.people, member=[self.grace])
        connector = await opened()
        with pytest.raises(Refused, match="2 groups are called twice: ") as refused:
            await connector.members("twice")
        assert one in str(refused.value)
        assert other in str(refused.value)
        assert "DN" in refused.value.remedy
        assert refused.value.system == self.system
        assert (await connector.members(one), await connector.members(other)) == (refs(self.ada), refs(self.grace))
