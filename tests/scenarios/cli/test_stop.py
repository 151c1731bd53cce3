from scenarios.cli.stop import Stop


def test_a_stop_is_unusable_input_unless_it_says_otherwise() -> None:
    assert Stop("x").exit_code == 2
    assert Stop("x", 3).exit_code == 3
    assert Stop("x").format_message() == "x"
