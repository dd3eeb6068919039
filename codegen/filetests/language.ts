/** What a language of filetests gives to the runner. */

/** Makes the text to compare of a file's text and the words after the command's name. A file that is no test is a `Diagnostic`. */
export type FiletestCommand = (text: string, file: string, words: readonly string[]) => string;

export interface FiletestLanguage {
  /** Of the files: `.ir`. */
  readonly ending: string;
  /** What begins a comment that lasts to the end of its line. */
  readonly comment: string;
  readonly commands: ReadonlyMap<string, FiletestCommand>;
}
