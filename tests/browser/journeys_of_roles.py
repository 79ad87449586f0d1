"""Which tests show that each role does one whole job by keyboard alone, and one in a browser that runs no script."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Journeys:
    """The two tests of one role: module, class and method, below tests/browser."""

    by_keyboard: str
    without_script: str


JOURNEYS: Final = {
    "agent": Journeys(
        by_keyboard="test_journeys::TestIntake::test_goes_from_the_order_to_the_request_by_keyboard",
        without_script="test_journeys::TestWithoutJavaScript::test_checks_then_submits_with_a_photo",
    ),
    "reviewer": Journeys(
        by_keyboard="test_queue::TestKeyboard::test_judges_an_exception_without_tab",
        without_script="test_roles::TestAReviewer::test_grants_an_exception_without_javascript",
    ),
    "approver": Journeys(
        by_keyboard="test_queue::TestKeyboard::test_approves_with_two_keys_and_stands_on_the_next_one_of_the_view",
        without_script="test_queue::TestWithoutJavaScript::test_approves_on_the_page_of_the_request",
    ),
    "finance": Journeys(
        by_keyboard="test_reconciliation::TestAMatch::test_is_made_by_keys_alone_and_leads_to_the_next_line",
        without_script="test_reconciliation::TestAMatch::test_is_made_without_javascript",
    ),
    "quality": Journeys(
        by_keyboard="test_remediation::TestRemediation::test_is_walked_by_keys",
        without_script="test_roles::TestQuality::test_looks_again_without_javascript",
    ),
    "auditor": Journeys(
        by_keyboard="test_roles::TestAnAuditor::test_proves_an_entry_by_keyboard",
        without_script="test_roles::TestAnAuditor::test_takes_a_bundle_home_without_javascript",
    ),
    "administrator": Journeys(
        by_keyboard="test_roles::TestAnAdministrator::test_proposes_a_limit_by_keyboard",
        without_script="test_authority_without_javascript::TestALimit"
        "::test_is_proposed_by_one_and_put_in_force_by_another",
    ),
}
