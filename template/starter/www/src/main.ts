// The page: greets whoever is named in the field.
import { greet, type LibraryError } from "wasm-client";

const field = document.querySelector<HTMLInputElement>("#name")!;
const output = document.querySelector("output")!;

field.oninput = show;
show();

function show() {
  try {
    output.textContent = greet(field.value);
  } catch (error) {
    output.textContent = `No greeting: ${(error as LibraryError).message}.`;
  }
}
