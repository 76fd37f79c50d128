namespace System.IO.Hashing;

/// <summary>Placeholder for the public base class; replaced by the real one.</summary>
public abstract class NonCryptographicHashAlgorithm;
