//! The way to a place, over a network or to a disk, which can be cut; and a place that seems to have lost everything.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::places::{Folder, Place};
use crate::proxy::Proxy;

/// The way to a place, which can be cut.
pub struct Way {
    pub place: Arc<dyn Place>,
    means: Means,
}

/// What a way is made of.
enum Means {
    /// A network.
    Cable(Proxy),
    /// A disk, and where it is while it is not plugged in.
    Disk { plugged: PathBuf, away: PathBuf },
}

impl Way {
    pub async fn cable(place: Arc<dyn Place>) -> Self {
        let means = Means::Cable(Proxy::before(place.server()).await);
        Self { place, means }
    }

    pub fn disk(home: &Path) -> Self {
        let (plugged, away) = (home.join("disk"), home.join("away"));
        std::fs::create_dir(&plugged).unwrap();
        Self { place: Arc::new(Folder::at(&plugged)), means: Means::Disk { plugged, away } }
    }

    pub fn address(&self) -> String {
        match &self.means {
            Means::Cable(proxy) => proxy.url.clone(),
            Means::Disk { plugged, .. } => plugged.display().to_string(),
        }
    }

    pub async fn cut(&self) {
        match &self.means {
            Means::Cable(proxy) => proxy.unplug().await,
            Means::Disk { plugged, away } => std::fs::rename(plugged, away).unwrap(),
        }
    }

    pub async fn mend(&self) {
        match &self.means {
            Means::Cable(proxy) => proxy.plug().await,
            Means::Disk { plugged, away } => std::fs::rename(away, plugged).unwrap(),
        }
    }

    /// From now on the place answers as if it had lost everything: in its lists only, or by name, too.
    pub fn lose(&self, by_name: bool) {
        match &self.means {
            Means::Cable(proxy) => {
                let place = Arc::clone(&self.place);
                proxy.let_answer(Some(Box::new(move |request| place.emptied(request, by_name))));
            }
            Means::Disk { plugged, away } => std::fs::rename(plugged.join("published"), away).unwrap(),
        }
    }

    pub fn find_again(&self) {
        match &self.means {
            Means::Cable(proxy) => proxy.let_answer(None),
            Means::Disk { plugged, away } => std::fs::rename(away, plugged.join("published")).unwrap(),
        }
    }
}
