// In the frame of another page nothing is kept in this browser, and nothing that was kept is looked at.

export const embedded = document.documentElement.dataset.page === 'embed';
