"""Numba's cache of compiled functions, made quick to load from.

Numba readies its compiler for every function that it loads, and reads the function a second time
in the form that other functions inline. A program that finds all its kernels compiled needs
neither, and would spend a fifth of a second on them.

All names that numba doesn't promise to keep are in this file. `ssimgif.kernels.jit` does without it
where one of them is missing, and whatever raises later is left to numba's own way.
"""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable
from functools import cache, partial
from io import BytesIO
from pathlib import Path
from typing import Any

import llvmlite.binding as llvm
from numba import njit, types
from numba.core import caching, environment
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import compile_result
from numba.core.cpu import CPUTargetOptions
from numba.core.runtime import _nrt_python as runtime  # type: ignore[attr-defined]
from numba.core.serialize import dumps

from ssimgif.host import kernel_cache, kernel_files
from ssimgif.kernels.signatures import spelled


class _Forms:
    """The compiled forms of one kernel, as files."""

    def __init__(self, function: Any) -> None:
        self._function = function.__qualname__
        if not self._function.isidentifier():
            raise ValueError("it is not at the top of a module")
        self._source = Path(function.__code__.co_filename)

    def load(self, key: tuple[Any, ...]) -> Any:
        """Return what was saved for the types of a signature, None where there is nothing."""
        name = self._name(key)
        for directory in kernel_cache.places(self._source.parent):
            data = kernel_files.read(directory, name)
            if data is not None:
                return _Unpickler(BytesIO(data)).load()
        return None

    def save(self, key: tuple[Any, ...], data: Any) -> None:
        """Save a compiled form."""
        place = kernel_cache.places(self._source.parent)[-1]
        kernel_files.write(place, self._name(key), dumps(data))

    def _name(self, key: tuple[Any, ...]) -> str:
        return kernel_files.kernel_name(self._source, self._function, spelled(key[0]))


class _Unpickler(pickle.Unpickler):
    """Reads a compiled form and imports no module for the sake of what was inlined from it."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == (environment.__name__, "_rebuild_env"):
            return _environment
        return super().find_class(module, name)


def _environment(module: str, constants: list[Any], name: str) -> Any:
    """The globals of a compiled function, which it needs where it raises an error."""
    known = environment.lookup_environment(name)
    if known is not None:
        return known
    loaded = sys.modules.get(module)
    made = environment.Environment(vars(loaded) if loaded else {"__name__": module})
    made.consts[:] = constants
    made.env_name = name
    environment.Environment._memo[name] = made
    return made


class _Library(JITCodeLibrary):
    """Machine code, and what other functions inline, read when they ask for it."""

    def __init__(self, codegen: Any, name: str, machine_code: bytes, bitcode: bytes) -> None:
        super().__init__(codegen, name)
        self._bitcode = bitcode
        self.enable_object_caching()
        self._set_compiled_object(machine_code)
        self._finalize_final_module()

    def get_pointer_to_function(self, name: str) -> int:
        return int(self._codegen._engine.get_function_address(name))

    def _get_module_for_linking(self) -> Any:
        if self._shared_module is None:
            self._shared_module = llvm.parse_bitcode(self._bitcode)
        return self._shared_module


class _Loader(caching.CompileResultCacheImpl):
    """Makes a compiled form callable."""

    def rebuild(self, target: Any, payload: Any) -> Any:
        try:
            return self._rebuilt(target, payload)
        except Exception:  # Its parts are others than those that we know.
            return super().rebuild(target, payload)

    def _rebuilt(self, target: Any, payload: Any) -> Any:
        serialized, description, own, signature, *rest = payload
        object_mode, lifted, annotation, initializers, environments = rest
        name, kind, code = serialized
        if kind != "object" or initializers:
            return super().rebuild(target, payload)
        machine_code, bitcode = code
        codegen = target.codegen()
        library = _Library(codegen, name, machine_code, bitcode)
        result = compile_result(
            target_context=target,
            typing_context=target.typing_context,
            library=library,
            environment=own,
            entry_point=target.get_executable(library, description, own),
            fndesc=description,
            type_annotation=annotation,
            signature=signature,
            objectmode=object_mode,
            lifted=lifted,
            reload_init=initializers,
            referenced_envs=environments,
        )
        for other in environments:
            codegen.set_env(other.env_name, other)
        return result


@cache
def _name_runtime() -> None:
    """Tell the linker where what compiled kernels call of numba's runtime is."""
    for name, address in runtime.c_helpers.items():
        llvm.add_symbol(name if name.startswith("_") else f"NRT_{name}", address)


class _KernelCache(caching.FunctionCache):
    """The compiled forms of one kernel, as numba asks for them."""

    _impl_class = _Loader

    def __init__(self, function: Any) -> None:
        super().__init__(function)
        self._function = function
        self._cache_file: Any = _Forms(function)

    def load_overload(self, signature: Any, target: Any) -> Any:
        """Load the compiled form for the types of `signature`, None where there is none."""
        try:
            _name_runtime()
            return self._load_overload(signature, target)
        except Exception:  # Written or read otherwise than here: by numba alone, then.
            return caching.FunctionCache(self._function).load_overload(signature, target)

    def save_overload(self, signature: Any, data: Any) -> None:
        """Save the compiled form for the types of `signature`."""
        try:
            self._save_overload(signature, data)
        except Exception:
            caching.FunctionCache(self._function).save_overload(signature, data)


def compile_quick(function: Callable[..., Any], **options: Any) -> Any:
    """Compile as ``njit(cache=True, **options)`` does, to a function that is quick to load."""
    dispatcher = njit(**options)(function)
    try:
        vars(dispatcher)["_cache"]  # Set where it isn't, it would be of no use.
        dispatcher._cache = _KernelCache(function)
        dispatcher.get_call_template = partial(_call_template, dispatcher.get_call_template)
    except Exception:
        dispatcher.enable_caching()
    return dispatcher


def _call_template(template: Any, args: Any, kws: Any) -> Any:
    """Compile one form for all constants of a type: what is inlined is fitted to them anyway."""
    plain = {name: types.unliteral(kind) for name, kind in kws.items()}
    return template(tuple(map(types.unliteral, args)), plain)


# Options of a function in which no references are counted.
WITHOUT_COUNTS = {"_nrt": False} if hasattr(CPUTargetOptions, "_nrt") else {}
