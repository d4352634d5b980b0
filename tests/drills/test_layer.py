"""A channel layer that drops, repeats and reorders: it is only a hint, and everybody agrees."""

from tests.drills.conftest import Report, Scale
from tests.drills.crowd import crowd_of
from tests.live.servers import PrivateRedis
from tests.live.site import Site


async def test_a_layer_that_drops_repeats_and_reorders_a_third_harms_nobody(
    postgres_site: Site, scale: Scale, report: Report
) -> None:
    postgres_site.settings["DJANGO_SETTINGS_MODULE"] = "tests.drills.bad_layer_settings"
    servers = [postgres_site.serve() for _ in range(2)]
    async with crowd_of(postgres_site, servers, scale(20, 100)) as crowd:
        await crowd.talk(scale(6, 60), scale(15, 30))
        figures = await crowd.settle()

        faults = [server.log().count("layer_fault") for server in servers]
        report(**figures, layer_faults=sum(faults))
        assert figures["reconnects"] == 0
        assert all(faults), "the layer was bad in each process"
        assert figures["agreed_s"] <= 3


async def test_a_layer_whose_group_memberships_expire_harms_nobody(
    postgres_site: Site, redis: PrivateRedis, scale: Scale, report: Report
) -> None:
    postgres_site.settings["DJANGO_SETTINGS_MODULE"] = "tests.drills.expiring_layer_settings"
    servers = [postgres_site.serve() for _ in range(2)]
    async with crowd_of(postgres_site, servers, scale(20, 100)) as crowd:
        await crowd.talk(scale(4, 30), scale(10, 30))
        figures = await crowd.settle()

        report(**figures)
        assert figures["reconnects"] == 0
        assert figures["agreed_s"] <= 3
    assert redis.is_ready()
