// Work in portions goes on by itself; without this script the same button is pressed by hand.
document.querySelector("form[data-goes-on]")?.requestSubmit();
