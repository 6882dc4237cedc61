/** Options of Python with which it does not start the recorder. As in `python/normlens/attaching/python_options.py`. */

const PYTHON = /^((python|pypy)[\d.]*t?w?(\.exe)?|py(\.exe)?)$/i;

/** Each keeps Python from reading PYTHONPATH, or from importing sitecustomize. */
const BLOCKING = "IES";

/** The option, such as `-I`, with which a command can't be recorded. */
export function blockingOption(program: string, args: readonly string[]): string | null {
  if (!PYTHON.test(program.split(/[\\/]/).at(-1) ?? "")) return null;
  for (let index = 0; index < args.length; index++) {
    const argument = args[index] ?? "";
    if (argument === "--check-hash-based-pycs") index++;
    else if (!argument.startsWith("-") || argument === "-") return null;
    else if (!argument.startsWith("--")) {
      const { blocking, ends, takesNext } = readLetters(argument.slice(1));
      if (blocking !== null || ends) return blocking;
      if (takesNext) index++;
    }
  }
  return null;
}

interface Letters {
  readonly blocking: string | null;
  /** What follows is the program and its arguments. */
  readonly ends: boolean;
  /** The value of the last option is the next argument. */
  readonly takesNext: boolean;
}

/** Python's options of one letter stand together: `-uE`. */
function readLetters(letters: string): Letters {
  for (const [place, letter] of [...letters].entries()) {
    if (BLOCKING.includes(letter)) return { blocking: `-${letter}`, ends: true, takesNext: false };
    if ("cm".includes(letter)) return { blocking: null, ends: true, takesNext: false };
    if ("WX".includes(letter)) return { blocking: null, ends: false, takesNext: place === letters.length - 1 };
  }
  return { blocking: null, ends: false, takesNext: false };
}
