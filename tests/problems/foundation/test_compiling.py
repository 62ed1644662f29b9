from problems.foundation.compiling import compiled


def test_a_function_is_compiled_and_kept_on_disk():
    @compiled
    def double(x):
        return 2 * x

    assert double(21) == 42
    assert double.signatures


def test_without_a_folder_for_the_cache_it_is_compiled_all_the_same():
    scope = {}
    exec("def double(x):\n    return 2 * x", scope)  # no file, so Numba finds no place to cache
    assert compiled(scope["double"])(21) == 42
