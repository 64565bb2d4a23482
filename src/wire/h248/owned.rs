//! Detaching a value from the octets it was parsed from.

use std::borrow::Cow;

/// A value that may borrow from a message, and can be kept after the message is gone.
pub trait IntoOwned {
    /// The same value without a borrow.
    type Owned;

    /// Copies what is borrowed; moves the rest.
    fn into_owned(self) -> Self::Owned;
}

impl<T: ToOwned + ?Sized + 'static> IntoOwned for Cow<'_, T> {
    type Owned = Cow<'static, T>;

    fn into_owned(self) -> Cow<'static, T> {
        Cow::Owned(Cow::into_owned(self))
    }
}

impl<T: IntoOwned> IntoOwned for Option<T> {
    type Owned = Option<T::Owned>;

    fn into_owned(self) -> Self::Owned {
        self.map(T::into_owned)
    }
}

impl<T: IntoOwned> IntoOwned for Vec<T> {
    type Owned = Vec<T::Owned>;

    fn into_owned(self) -> Self::Owned {
        self.into_iter().map(T::into_owned).collect()
    }
}

impl<T: IntoOwned> IntoOwned for Box<T> {
    type Owned = Box<T::Owned>;

    fn into_owned(self) -> Self::Owned {
        Box::new((*self).into_owned())
    }
}

/// Implements [`IntoOwned`]: `plain` for types that never borrow, `struct` and `enum` field by field.
macro_rules! into_owned {
    (plain $($name:ty),+ $(,)?) => {$(
        impl $crate::wire::h248::IntoOwned for $name {
            type Owned = Self;

            fn into_owned(self) -> Self {
                self
            }
        }
    )+};
    (struct $name:ident { $($field:ident),+ $(,)? }) => {
        impl $crate::wire::h248::IntoOwned for $name<'_> {
            type Owned = $name<'static>;

            fn into_owned(self) -> Self::Owned {
                $name { $($field: $crate::wire::h248::IntoOwned::into_owned(self.$field)),+ }
            }
        }
    };
    (enum $name:ident { $($variant:ident $(($($inner:ident),+))? ),+ $(,)? }) => {
        impl $crate::wire::h248::IntoOwned for $name<'_> {
            type Owned = $name<'static>;

            fn into_owned(self) -> Self::Owned {
                match self {
                    $(Self::$variant $(($($inner),+))? => {
                        $name::$variant $(($($crate::wire::h248::IntoOwned::into_owned($inner)),+))?
                    })+
                }
            }
        }
    };
}
pub(crate) use into_owned;

into_owned!(plain bool, u8, u16, u32);
