/* The print button of a board. */

document.querySelector("[data-print]").addEventListener("click", () => window.print());
