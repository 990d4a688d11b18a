// Leads to the address this page gives as its canonical one, and takes the
// query and the fragment of the request along, which a redirect by meta loses.
(function () {
  var link = document.querySelector('link[rel="canonical"]');
  if (!link) return;
  var to = new URL(link.href);
  if (location.search && !to.search) to.search = location.search;
  if (location.hash && !to.hash) to.hash = location.hash;
  location.replace(to.href);
})();
